import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
tf.env().set('IS_TEST', true);
await tf.setBackend('wasm'); await tf.ready();
const have = tf.getKernelsForBackend('wasm').map(k=>k.kernelName);
console.log(have.filter(k=>/Pool|Conv|Strided|Transpose|Slice|OneHot|ArgMax|Select|Pad|Rsqrt/.test(k)).join(' '));
const time=(name:string,f:()=>tf.Tensor|tf.Tensor[],r=7)=>{ const ts:number[]=[]; for(let i=0;i<r;i++){const t=performance.now(); tf.tidy(()=>{f()}); ts.push(performance.now()-t);} ts.sort((a,b)=>a-b); console.log(name.padEnd(50), ts[r>>1]!.toFixed(2),'ms'); };
for (const [T,n,H,C,F] of [[4,25,14,64,64],[4,5,28,1,64],[16,5,14,16,16]] as const){
 console.log({T,n,H,C,F});
 const x=tf.randomNormal([T,n,H,H,C]), k=tf.randomNormal([T,3,3,C,F]), dy=tf.randomNormal([T,n,H,H,F]);
 const patches=(x4:tf.Tensor4D)=>{const p=tf.pad(x4,[[0,0],[1,1],[1,1],[0,0]]); const out:tf.Tensor[]=[]; for(let i=0;i<3;i++)for(let j=0;j<3;j++)out.push(tf.slice(p,[0,i,j,0],[x4.shape[0],H,H,C])); return tf.concat(out,3)};
 const x4=x.reshape([T*n,H,H,C]) as tf.Tensor4D;
 const P=patches(x4).reshape([T,n*H*H,9*C]); const K=k.reshape([T,9*C,F]);
 time('patches',()=>patches(x4));
 time('batched matMul fwd',()=>tf.matMul(P,K),3);
 time('loop matMul fwd',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.matMul(P.slice([t],[1]),K.slice([t],[1])));return tf.concat(o,0)});
 time('loop conv fwd',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.conv2d(x.slice([t],[1]).reshape([n,H,H,C]) as tf.Tensor4D,k.slice([t],[1]).reshape([3,3,C,F]) as tf.Tensor4D,1,'same'));return tf.concat(o,0)});
 const k1=k.slice([0],[1]).reshape([3,3,C,F]) as tf.Tensor4D;
 time('shared conv fwd',()=>tf.conv2d(x4,k1,1,'same'));
 const dyF=dy.reshape([T,n*H*H,F]);
 time('dK batched matMul transposeA',()=>tf.matMul(P,dyF,true,false),3);
 time('dK loop transpose+matMul',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.matMul(tf.transpose(P.slice([t],[1]),[0,2,1]),dyF.slice([t],[1])));return tf.concat(o,0)});
 time('dK loop transposed: (dy^T P)',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.matMul(tf.transpose(dyF.slice([t],[1]),[0,2,1]),P.slice([t],[1])));return tf.concat(o,0)});
 time('dK loop conv',()=>{const o=[];for(let t=0;t<T;t++){const xt=tf.transpose(x.slice([t],[1]).reshape([n,H,H,C]),[3,1,2,0]) as tf.Tensor4D; const d=tf.transpose(dy.slice([t],[1]).reshape([n,H,H,F]),[1,2,0,3]) as tf.Tensor4D; o.push(tf.conv2d(tf.pad(xt,[[0,0],[1,1],[1,1],[0,0]]),d,1,'valid'));}return tf.concat(o,0)});
 time('dx loop conv2dTranspose kernel',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.engine().runKernel('Conv2DBackpropInput',{dy:dy.slice([t],[1]).reshape([n,H,H,F]),filter:k.slice([t],[1]).reshape([3,3,C,F])},{strides:1,pad:'same',dataFormat:'NHWC',inputShape:[n,H,H,C]} as any) as tf.Tensor);return tf.concat(o,0)},3);
 time('dx loop conv flipped',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.conv2d(dy.slice([t],[1]).reshape([n,H,H,F]) as tf.Tensor4D,tf.transpose(tf.reverse(k.slice([t],[1]).reshape([3,3,C,F]),[0,1]),[0,1,3,2]) as tf.Tensor4D,1,'same'));return tf.concat(o,0)});
 // stats
 const X=x.reshape([T,n*H*H,C]); const w=tf.ones([T,1,n*H*H]);
 time('sum axis 1',()=>tf.sum(X,1));
 time('matMul stats',()=>tf.matMul(w,X));
 time('loop matMul stats',()=>{const o=[];for(let t=0;t<T;t++)o.push(tf.matMul(w.slice([t],[1]),X.slice([t],[1])));return tf.concat(o,0)});
 time('mul bcast',()=>tf.mul(X,tf.ones([T,1,C])));
 time('mul same',()=>tf.mul(X,X));
 time('relu',()=>tf.relu(X));
 time('maxPool',()=>tf.maxPool(x4,2,2,'valid'));
}
